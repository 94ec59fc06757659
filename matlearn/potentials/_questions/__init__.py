"""Questions of the chapter's exercises with their hints; `_checks` judges the answers."""
