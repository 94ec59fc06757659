"""What the chapter's checks compute: references, and what known mistakes lead to."""
