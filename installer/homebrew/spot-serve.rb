# For a Homebrew tap: brew install --cask OWNER/tap/spot-serve
cask "spot-serve" do
  arch arm: "aarch64", intel: "x86_64"

  version "@VERSION@"
  sha256 arm:   "@SHA256:SpotServe-@VERSION@-macos-aarch64.dmg@",
         intel: "@SHA256:SpotServe-@VERSION@-macos-x86_64.dmg@"

  url "https://github.com/@REPOSITORY@/releases/download/v#{version}/SpotServe-#{version}-macos-#{arch}.dmg"
  name "Spot Serve"
  desc "Share a folder with one click and get a public link"
  homepage "https://github.com/@REPOSITORY@"

  depends_on macos: ">= :monterey"

  app "Spot Serve.app"
  binary "#{appdir}/Spot Serve.app/Contents/MacOS/spot-serve"

  uninstall quit: "io.github.spot-serve.SpotServe"

  zap trash: [
    "~/Library/Application Support/spot-serve",
    "~/Library/Caches/spot-serve",
    "~/Library/LaunchAgents/Spot Serve.plist",
  ]
end
