// Package shared holds what several methods have in common whose sites share one value: frozen random projections that are as
// large as the largest target needs and that every target takes a part of.
package shared
