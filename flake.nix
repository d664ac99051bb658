{
  description = "Share a folder with one click and get a public link";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      each = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
      version = (nixpkgs.lib.importTOML ./Cargo.toml).workspace.package.version;
    in
    {
      packages = each (pkgs: {
        default = pkgs.rustPlatform.buildRustPackage {
          pname = "spot-serve";
          inherit version;
          src = self;
          cargoLock.lockFile = ./Cargo.lock;
          cargoBuildFlags = [ "--package=spot-serve" ];
          # They need network namespaces and a desktop.
          doCheck = false;
          nativeBuildInputs = [
            pkgs.installShellFiles
            pkgs.makeWrapper
          ];
          # cloudflared comes from Nixpkgs and is found in PATH, after those of the user.
          postInstall = ''
            cargo run --release --offline --example manual -- "$TMPDIR/manual"
            installManPage "$TMPDIR"/manual/*.1
            installShellCompletion --cmd spot-serve --bash "$TMPDIR/manual/spot-serve.bash" \
              --fish "$TMPDIR/manual/spot-serve.fish" --zsh "$TMPDIR/manual/_spot-serve"
            bash icons/install.sh "$out/share"
            install -Dm 644 installer/linux/spot-serve.desktop -t "$out/share/applications"
            install -Dm 644 installer/linux/file-managers/nautilus.py "$out/share/nautilus-python/extensions/spot-serve.py"
            install -Dm 644 installer/linux/file-managers/dolphin.desktop "$out/share/kio/servicemenus/spot-serve.desktop"
            install -Dm 644 installer/linux/file-managers/thunar.desktop "$out/share/Thunar/sendto/spot-serve.desktop"
            wrapProgram "$out/bin/spot-serve" --suffix PATH : ${pkgs.lib.makeBinPath [ pkgs.cloudflared ]}
          '';
          meta = {
            description = "Share a folder with one click and get a public link";
            license = pkgs.lib.licenses.mit;
            mainProgram = "spot-serve";
            platforms = systems;
          };
        };
      });

      devShells = each (pkgs: {
        default = pkgs.mkShell {
          packages = [
            pkgs.cargo
            pkgs.rustc
            pkgs.clippy
            pkgs.rustfmt
            pkgs.cloudflared
          ];
        };
      });
    };
}
