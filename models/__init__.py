"""What a clip means: engines that turn five seconds of a call into an expression likely seen."""
