"""Messages to the world outside: robots of chat groups, mailboxes, addresses that take JSON.

`sender.send` hands them to a child process, which speaks to the services, may not reach private networks, and is ended
when it takes too long.
"""
