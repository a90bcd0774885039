package graph

import "zoomgraph/graph/exec"

func (r *resolvers) Port() exec.PortResolver     { return portOps{r.Server} }
func (r *resolvers) Watch() exec.WatchResolver   { return watchOps{r.Server} }
func (r *resolvers) People() exec.PeopleResolver { return peopleOps{r.Server} }
func (r *resolvers) Ship() exec.ShipResolver     { return shipOps{r.Server} }
func (r *resolvers) Voyage() exec.VoyageResolver { return voyageOps{r.Server} }
func (r *resolvers) Hand() exec.HandResolver     { return handOps{r.Server} }
func (r *resolvers) Cabin() exec.CabinResolver   { return cabinOps{r.Server} }
func (r *resolvers) Sailor() exec.SailorResolver { return sailorOps{r.Server} }
