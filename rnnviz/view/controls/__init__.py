"""The controls of the shell: buttons, switches, top bar, transport."""
