"""The rules once more, read to the letter and sharing no code with the product, and stories that chance makes up for them."""
