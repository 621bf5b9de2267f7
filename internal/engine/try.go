package engine

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"
)

// panicEnv, when set to 1, lets panics through for a debugger to see.
const panicEnv = "GOPEFT_PANIC"

// PanicError is a panic that became an error. %v prints one line, %+v adds the stack.
type PanicError struct {
	What  string // what was being done, as given to Try
	Value error  // the panic's value; a value that is no error is wrapped in one
	Stack []byte // the goroutine's stack at the panic, as runtime/debug prints it
}

// Error is one line: what was being done and the panic's message.
func (e *PanicError) Error() string {
	if e.What == "" {
		return oneLine(e.Value.Error())
	}
	return e.What + ": " + oneLine(e.Value.Error())
}

// Unwrap is the panic's value, so that errors.Is and errors.As see through.
func (e *PanicError) Unwrap() error { return e.Value }

// Format adds the stack under %+v.
func (e *PanicError) Format(s fmt.State, verb rune) {
	switch {
	case verb == 'q':
		fmt.Fprintf(s, "%q", e.Error())
	case verb == 'v' && s.Flag('+'):
		fmt.Fprintf(s, "%s\n%s", e.Error(), e.Stack)
	default:
		io.WriteString(s, e.Error())
	}
}

// Try runs f, which may build a graph: GoMLX reports a wrong shape, and Go a nil pointer, by
// panicking. Any panic comes back as a *PanicError that says what was being done; without a
// panic the error is nil. With GOPEFT_PANIC=1 in the environment nothing is caught.
func Try(what string, f func()) (err error) {
	if os.Getenv(panicEnv) == "1" {
		f()
		return nil
	}
	defer func() {
		// recover gives nil only if f returned or ended its goroutine: a panic(nil) is a
		// *runtime.PanicNilError.
		v := recover()
		if v == nil {
			return
		}
		cause, ok := v.(error)
		if !ok {
			cause = fmt.Errorf("%v", v)
		}
		err = &PanicError{What: what, Value: cause, Stack: debug.Stack()}
	}()
	f()
	return nil
}
