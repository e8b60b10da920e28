# `make grade LAB=condvar-buffer`: every target is one command that can be typed by hand.
GRADER = cargo run --quiet --package grader --
CLIPPY = cargo clippy --locked --quiet --all-targets
LABS = $(patsubst grader/labs/%.toml,--exclude %,$(wildcard grader/labs/*.toml))

# The first build takes a while, and shows how far it has come; later ones have nothing to say.
BUILT = test -x "$${CARGO_TARGET_DIR:-target}/debug/grader" || { echo "The grader is compiled first. This is done once."; cargo build --package grader; }

.PHONY: doctor grade hint solutions verify starters handouts test format lint units examples bench soak
# To lose points is no failure of the command; what it has to say stands above make's own words.
grade:     ; @($(BUILT)) && $(GRADER) grade $(LAB) || test $$? -eq 1
hint:      ; @($(BUILT)) && $(GRADER) hint $(LAB)
doctor:    ; @($(BUILT)) && $(GRADER) doctor || test $$? -eq 1
solutions: ; @$(GRADER) grade $(LAB) --submission solutions
verify:    ; $(GRADER) verify $(LAB)
starters:  ; $(GRADER) starters
handouts:  ; @cargo run --quiet --package handouts
format:    ; cargo fmt --all --check && cargo fmt --all --check --manifest-path solutions/Cargo.toml && rustfmt --check --edition 2024 grader/drivers/*/src/main.rs
lint:      ; $(CLIPPY) --workspace $(LABS) -- --deny warnings && $(CLIPPY) --manifest-path solutions/Cargo.toml -- --deny warnings
units:     ; cargo test --quiet --workspace $(LABS) && $(GRADER) starters --check
examples:  ; cargo test --locked --quiet --manifest-path solutions/Cargo.toml
bench:     ; cargo bench --quiet --profile dev --package explore --bench schedules && cargo bench --quiet --profile dev --package grader --bench edit_to_verdict --bench boxes --bench tracing
soak:      ; cargo test --quiet --package grader --test soak -- --ignored --nocapture && cargo bench --quiet --profile dev --package grader --bench told_again
test: format lint units examples verify
