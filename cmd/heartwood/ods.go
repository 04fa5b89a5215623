package main

import (
	"reflect"

	"heartwood/internal/ident"
)

type reflectValue = reflect.Value

var odsType = reflect.TypeFor[ident.ODS]()
