class TraitlineError(Exception):
    """Something that the notebook's author can mend. The message names the thing and the fix, never a value."""
