package pefttest

// Traits that a method declares where a law can't hold as it stands. Each asks for a reason, which a failure quotes.

// Starter is implemented by methods whose fresh adapter may move the outputs.
type Starter interface {
	// StartError bounds how far, relative to the largest output: 0 not at all, +Inf without limit.
	StartError() (bound float64, why string)
}

// Approximator is implemented by methods with values whose gradient is, by design, not that of the loss.
type Approximator interface {
	// ApproximateGradient gives the reason for the value of that name, "" where its gradient is exact.
	ApproximateGradient(param string) (why string)
}
