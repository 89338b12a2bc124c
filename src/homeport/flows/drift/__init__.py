"""Where hosted files came from is looked at again, now and then; what is found there is told."""
