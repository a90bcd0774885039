package program

// ToDescribe begins each description that `schema diff` leaves to a person. The generator refuses it.
const ToDescribe = "TODO: describe"
