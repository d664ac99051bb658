"""Adds "Share with Spot Serve" to Caja's context menu for files and folders."""
import subprocess

from gi.repository import Caja, GObject


class SpotServe(GObject.GObject, Caja.MenuProvider):
    def get_file_items(self, _window, files):
        paths = [file.get_location().get_path() for file in files]
        # Files that are not on this computer, or are in the trash, have no path.
        if not paths or None in paths:
            return []
        item = Caja.MenuItem(name="SpotServe::Share", label="Share with Spot Serve", tip="", icon="spot-serve")
        item.connect("activate", self.share, paths)
        return [item]

    def share(self, _item, paths):
        # "--" because a path could start with a dash.
        subprocess.Popen(["spot-serve", "share", "--desktop", "--", *paths])
