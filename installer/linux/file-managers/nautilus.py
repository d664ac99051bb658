"""Adds "Share with Spot Serve" to Nautilus' context menu for files and folders."""
import subprocess

from gi.repository import GObject, Nautilus


class SpotServe(GObject.GObject, Nautilus.MenuProvider):
    # Up to version 42, Nautilus also passes its window, as the first argument.
    def get_file_items(self, *arguments):
        paths = [file.get_location().get_path() for file in arguments[-1]]
        # Files that are not on this computer, or are in the trash, have no path.
        if not paths or None in paths:
            return []
        item = Nautilus.MenuItem(name="SpotServe::Share", label="Share with Spot Serve")
        item.connect("activate", self.share, paths)
        return [item]

    def share(self, _item, paths):
        # "--" because a path could start with a dash.
        subprocess.Popen(["spot-serve", "share", "--desktop", "--", *paths])
