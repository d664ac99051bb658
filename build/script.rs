//! Makes scripts shorter without changing what they do.

use oxc_allocator::Allocator;
use oxc_codegen::{Codegen, CodegenOptions};
use oxc_compat::EngineTargets;
use oxc_minifier::{CompressOptions, Minifier, MinifierOptions};
use oxc_parser::Parser;
use oxc_span::SourceType;

/// Nothing newer is put in place of what the sources have.
const TARGET: &str = "es2021";

/// A module without white space, with short names and short forms of the same statements.
///
/// # Errors
/// Where it is not JavaScript.
pub fn shortened_module(source: &str) -> Result<String, String> {
    shortened(source, SourceType::mjs())
}

/// As [`shortened_module`], for a script that runs at once where it is inserted. It stays strict if it says so.
///
/// # Errors
/// Where it is not JavaScript.
pub fn shortened_classic(source: &str) -> Result<String, String> {
    shortened(source, SourceType::script())
}

fn shortened(source: &str, source_type: SourceType) -> Result<String, String> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, source, source_type).parse();
    if let Some(error) = parsed.diagnostics.first() {
        return Err(format!(
            "{:?}",
            error.clone().with_source_code(source.to_owned())
        ));
    }
    let mut program = parsed.program;
    let options = MinifierOptions {
        compress: Some(CompressOptions {
            target: EngineTargets::from_target(TARGET)?,
            ..CompressOptions::default()
        }),
        ..MinifierOptions::default()
    };
    let minified = Minifier::new(options).minify(&allocator, &mut program);
    let code = Codegen::new()
        .with_options(CodegenOptions::minify())
        .with_scoping(minified.scoping)
        .build(&program)
        .code;
    Ok(code + "\n")
}
