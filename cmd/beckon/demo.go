package main

import "context"

type demoCommand struct {
	Data string `placeholder:"DIR" help:"Folder for the data, kept; a throw-away one unless given."`
}

// Run fills the folder and serves it.
func (c demoCommand) Run(ctx context.Context, t terminal, s settings) error {
	return usage("not here yet")
}
