"""What is true: values and rules, without clock, disk, network or log."""
