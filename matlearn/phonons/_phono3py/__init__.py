"""What phono3py works with, made from what ASE and users work with, and back."""
