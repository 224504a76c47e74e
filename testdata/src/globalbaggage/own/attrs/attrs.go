// Package attrs names a service's own keys.
package attrs

// TenantID belongs to the tracer of one tenant.
const TenantID = "tenant_id" //hhvet:pertracer

const (
	// Region is shared.
	Region = "region"

	// Customer is who pays.
	//
	//hhvet:pertracer
	Customer = "billing.customer"
)

// WorkspaceKey is set at startup.
//
//hhvet:pertracer
var WorkspaceKey = lookup("WORKSPACE_KEY")

// Tenant describes a tenant.
type Tenant struct {
	Name string
	// KeyName is what the tenant calls itself in headers.
	KeyName string //hhvet:pertracer
}

func lookup(name string) string { return name[:9] }
