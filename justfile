# The everyday tasks; `just` alone lists them. Everything works without `just` too.

# List the tasks
default:
    @just --list

# Run the terminal program on the simulated gateway
demo *arguments:
    cargo run --release -- demo {{ arguments }}

# Check the form and the lints, without running anything
check:
    cargo fmt --check
    cargo clippy --all-targets --locked -- -D warnings

# Run the tests, or those whose names contain FILTER
test filter="":
    cargo test --locked -- {{ filter }}

# Build the documentation into target/book
docs:
    .ci/docs

# Everything that has to hold before a change lands
ci:
    .ci/run
