package engine

// Guard runs what someone else implements, whose panics must not cross a public function: they come back as Try has them,
// other errors as they are.
func Guard(what string, f func() error) error {
	var err error
	if caught := Try(what, func() { err = f() }); caught != nil {
		return caught
	}
	return err
}
