//! The `tidings` program; everything is in the library.

/// After visits of ten thousand sources it gives back what they took; the system's own keeps most of it.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    tidings::cli::main()
}
