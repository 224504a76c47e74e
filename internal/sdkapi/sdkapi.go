// Package sdkapi names what the analyzers know of the HoneyHive SDK, so that
// they need not import it.
package sdkapi

import (
	"go/types"
	"strings"
)

// Path is the SDK's import path.
const Path = "github.com/honeyhiveai/hhvet/honeyhive"

// Names in the SDK's package.
const (
	EnrichSpan         = "EnrichSpan"
	EnrichSession      = "EnrichSession"
	WithTracer         = "WithTracer"
	TracerFromContext  = "TracerFromContext"
	ContextWithTracer  = "ContextWithTracer"
	ContextWithBaggage = "ContextWithBaggage"
	Start              = "Start"
	StartSession       = "StartSession"
	JoinSession        = "JoinSession"
	SetDefaultTracer   = "SetDefaultTracer"
	DefaultTracer      = "DefaultTracer"
	Error              = "Error"
	Shutdown           = "Shutdown"
	Trace              = "Trace"
	Evaluate           = "Evaluate"
	Datapoint          = "Datapoint"
	New                = "New"
	Tracer             = "Tracer"
	Field              = "Field"
	SessionID          = "SessionID"
	Metadata           = "Metadata"
)

// IsPackage reports whether pkg is the SDK.
func IsPackage(pkg *types.Package) bool {
	return pkg != nil && Unvendored(pkg.Path()) == Path
}

// IsTracerPointer reports whether t is *honeyhive.Tracer, by whatever alias.
func IsTracerPointer(t types.Type) bool {
	ptr, ok := types.Unalias(t).(*types.Pointer)
	return ok && IsNamed(ptr.Elem(), Tracer)
}

// IsNamed reports whether t is the SDK's type of that name.
func IsNamed(t types.Type, name string) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == name && IsPackage(named.Obj().Pkg())
}

// Unvendored strips the vendor directory that a GOPATH build puts in front of
// an import path.
func Unvendored(path string) string {
	if i := strings.LastIndex(path, "/vendor/"); i >= 0 {
		return path[i+len("/vendor/"):]
	}
	return strings.TrimPrefix(path, "vendor/")
}
