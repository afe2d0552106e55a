"""Reading code that is not ours, without running what need not run."""
