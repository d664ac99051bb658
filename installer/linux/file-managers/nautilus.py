"""Adds "Share with Spot Serve" to Nautilus' right-click menu of files and folders."""
import subprocess

from gi.repository import GObject, Nautilus


class SpotServe(GObject.GObject, Nautilus.MenuProvider):
    # Nautilus up to version 42 gives its window first, later ones don't.
    def get_file_items(self, *arguments):
        paths = [file.get_location().get_path() for file in arguments[-1]]
        # What is not on this computer, such as the trash, has no path.
        if not paths or None in paths:
            return []
        item = Nautilus.MenuItem(name="SpotServe::Share", label="Share with Spot Serve")
        item.connect("activate", self.share, paths)
        return [item]

    def share(self, _item, paths):
        # The end of options: a name may begin with a dash.
        subprocess.Popen(["spot-serve", "share", "--desktop", "--", *paths])
