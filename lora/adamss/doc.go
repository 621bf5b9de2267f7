// Package adamss is AdaMSS.
package adamss
