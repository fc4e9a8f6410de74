//! A world in which one write in five meets some misbehaviour: not one outcome differs from the truth.
