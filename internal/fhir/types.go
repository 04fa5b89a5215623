package fhir

// IsType tells whether name is an R4 resource type.
func IsType(name string) bool { return name != "" } // replaced by the tables
