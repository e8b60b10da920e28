# `make grade LAB=condvar-buffer`: every target is one command that can be typed by hand.
GRADER = cargo run --quiet --package grader --
CLIPPY = cargo clippy --locked --quiet --all-targets
LABS = $(patsubst grader/labs/%.toml,--exclude %,$(wildcard grader/labs/*.toml))

# What is compiled has to be there first; that can take a while, and shows what it waits for.
READY = sh grader/ready.sh || exit 4;

.PHONY: doctor grade hint restart solutions verify starters handouts test test-machines format lint units examples bench soak
# To lose points is no failure of the command; what it has to say stands above make's own words.
grade:     ; @$(READY) $(GRADER) grade $(LAB) $(if $(ALL),--all) || test $$? -eq 1
hint:      ; @$(READY) $(GRADER) hint $(LAB)
doctor:    ; @$(READY) $(GRADER) doctor || test $$? -eq 1
solutions: ; @$(READY) $(GRADER) grade $(LAB) --submission solutions
verify:    ; $(GRADER) verify $(LAB)
restart:   ; @$(READY) $(GRADER) restart $(LAB) $(FILE)
starters:  ; @$(READY) $(GRADER) starters
handouts:  ; @sh grader/ready.sh handouts && cargo run --quiet --package handouts
format:    ; cargo fmt --all --check && cargo fmt --all --check --manifest-path solutions/Cargo.toml && rustfmt --check --edition 2024 grader/drivers/*/src/main.rs
lint:      ; $(CLIPPY) --workspace $(LABS) -- --deny warnings && $(CLIPPY) --manifest-path solutions/Cargo.toml -- --deny warnings
units:     ; cargo test --quiet --workspace $(LABS) && $(GRADER) starters --check
examples:  ; cargo test --locked --quiet --manifest-path solutions/Cargo.toml
bench:     ; cargo bench --quiet --profile dev --package explore --bench schedules && cargo bench --quiet --profile dev --package grader --bench edit_to_verdict --bench boxes --bench tracing
soak:      ; cargo test --quiet --package grader --test soak -- --ignored --nocapture && cargo bench --quiet --profile dev --package grader --bench told_again
test-machines: ; cargo test --quiet --package grader --test machines -- --ignored
test: format lint units examples verify
