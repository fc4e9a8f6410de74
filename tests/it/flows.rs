//! What an operator does, from the key to the result, through the whole program over the simulated gateway.

mod verbs;
