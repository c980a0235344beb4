# check · test · run · simulate, and no more.

check:
    cargo fmt --check
    cargo clippy --workspace --all-targets -- -D warnings

test:
    script/test

run:
    cargo run --release -- demo

simulate seeds="10000":
    cargo run --release -p simulator -- --seeds {{seeds}} --requests 200
