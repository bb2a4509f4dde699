"""Events out to the shop's own software, as signed JSON over HTTP: in a child process that may not reach private networks.

`sender.send` hands the child what is to go, a webhook at a time in several lines, and hears what became of each.
"""
