"""Questions put to the reader: the form that shows them, what is read and what is kept. Private."""
