"""Media and time: encoded frames, the clock, the ring, clips, and the files and processes they go to."""
