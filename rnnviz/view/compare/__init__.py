"""Several models side by side: one page over the stage, one column a model, one scale and one cursor for all."""
