//! The macro that ends the crate around every cell. rustc expands it when it has loaded itself and the library; there it
//! waits, and forks for each cell. What compiles cells knows nothing else of the kernel.

#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
mod server;

use proc_macro::TokenStream;

/// Becomes the next cell: `include!("cell_7.rs");`, in a process of its own for every cell that the kernel asks for on
/// standard input. Anywhere but in a compiler that the kernel has started it is an error.
#[proc_macro]
pub fn next_cell(_: TokenStream) -> TokenStream {
    #[cfg(target_os = "linux")]
    let cell = server::next_cell().map_err(|e| e.to_string());
    #[cfg(not(target_os = "linux"))]
    let cell: Result<String, String> = Err("cells run on Linux".into());
    let code = match cell {
        Ok(name) => format!("include!(\"{name}.rs\");"),
        Err(why) => format!("::core::compile_error!({why:?});"),
    };
    code.parse().expect("one macro call")
}
