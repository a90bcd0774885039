package config

import (
	"net/url"
	"reflect"
)

// SecretsOf lists the secrets in a configuration, wherever they stand in it: the values of type [Secret], and the
// password of one that is a URL. The log hides them.
func SecretsOf(cfg any) []string {
	var all []string
	collectSecrets(reflect.ValueOf(cfg), &all)
	return all
}

func collectSecrets(v reflect.Value, into *[]string) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[Secret]() && v.Len() > 0 {
			*into = append(*into, v.String())
			if u, err := url.Parse(v.String()); err == nil {
				if password, ok := u.User.Password(); ok {
					*into = append(*into, password)
				}
			}
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			collectSecrets(v.Elem(), into)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			collectSecrets(v.Field(i), into)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			collectSecrets(v.Index(i), into)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			collectSecrets(v.MapIndex(key), into)
		}
	default: // numbers and functions hold none
	}
}
