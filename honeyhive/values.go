package honeyhive

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// marshalJSON is json.Marshal for values of the application's, whose methods
// may panic.
func marshalJSON(v any) (text []byte, err error) {
	defer recovered(v, &err)
	return json.Marshal(v)
}

// unmarshalJSON is json.Unmarshal for the same.
func unmarshalJSON(text []byte, v any) (err error) {
	defer recovered(v, &err)
	return json.Unmarshal(text, v)
}

// recovered is to be deferred. It makes a panic of a method of v's the error
// that it stands for.
func recovered(v any, err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("JSON of %T: %w", v, &PanicError{Value: r})
	}
}

// isNil reports whether v is nil or a typed nil.
func isNil(v any) bool {
	if v == nil {
		return true
	}
	switch rv := reflect.ValueOf(v); rv.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Chan, reflect.Interface, reflect.UnsafePointer:
		return rv.IsNil()
	}
	return false
}

// sound returns err, or what stands for it where it is a nil of its type: an
// error to Go, whose methods panic.
func sound(err error) error {
	if err != nil && isNil(err) {
		return fmt.Errorf("a %T that is nil was returned as an error", err)
	}
	return err
}

// as is errors.AsType for errors of the application's, whose methods may panic.
func as[E error](err error) (found E, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	return errors.AsType[E](err)
}

// errorText is what err says. It is never empty: an empty text stands for no
// error wherever one is kept.
func errorText(err error) string {
	return cmp.Or(safeText(err.Error), typeName(err)+" without a text")
}
