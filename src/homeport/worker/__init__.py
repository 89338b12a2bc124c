"""The clock asks: long work, resumed where it stopped."""
