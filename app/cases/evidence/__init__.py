"""Evidence as files with what they are and prove: the register of a case, its list, and whether the two agree."""
