package peft_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft"
)

// Nil pointers and zero values of the public types never panic: methods that can fail say that there is nothing, others
// give nothing. Every method is called, so later ones come under the law by themselves.
func TestNothing(t *testing.T) {
	for _, nothing := range []any{
		(*peft.Backbone)(nil), new(peft.Backbone), (*peft.Adapted)(nil), new(peft.Adapted), peft.New(nil),
		(*peft.Adapter)(nil), new(peft.Adapter), (*peft.Engine)(nil), new(peft.Engine),
	} {
		v := reflect.ValueOf(nothing)
		for i := range v.NumMethod() {
			m := v.Type().Method(i)
			var args []reflect.Value
			for k := 1; k < m.Type.NumIn(); k++ { // without the variadic ones
				if in := m.Type.In(k); in == reflect.TypeFor[context.Context]() {
					args = append(args, reflect.ValueOf(t.Context()))
				} else if k < m.Type.NumIn()-1 || !m.Type.IsVariadic() {
					args = append(args, reflect.Zero(in))
				}
			}
			require.NotPanics(t, func() {
				out := v.Method(i).Call(args)
				if n := len(out); n > 0 && m.Type.Out(n-1) == reflect.TypeFor[error]() {
					require.False(t, out[n-1].IsNil(), "%T.%s gives no error", nothing, m.Name)
				}
			}, "%T.%s of %v", nothing, m.Name, v.IsNil())
		}
	}
}
