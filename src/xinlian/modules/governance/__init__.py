"""What members decide together: proposals, votes, and what follows from them."""
