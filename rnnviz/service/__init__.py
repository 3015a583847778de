"""The engine as a process: typed messages, frames, the loop. No Qt."""
