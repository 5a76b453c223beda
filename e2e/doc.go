// Package e2e holds tests that start the real binary and use it as people and programs do:
// by the command line, the API, mail and a browser. They know nothing of the inside.
package e2e
