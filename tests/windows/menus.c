/* Prints where the open menus are: left, top, right and bottom of each, the last one opened
 * first. With an argument it stays instead, and so does the desktop that it is in, which it says
 * as soon as there is one. */
#include <windows.h>
#include <stdio.h>
#include <string.h>

static BOOL CALLBACK print_menu(HWND window, LPARAM unused)
{
    char class[16] = "";
    RECT place;
    (void)unused;
    GetClassNameA(window, class, sizeof class);
    if (strcmp(class, "#32768") == 0 && IsWindowVisible(window) && GetWindowRect(window, &place))
        printf("%ld %ld %ld %ld\n", place.left, place.top, place.right, place.bottom);
    return TRUE;
}

int main(int count, char **arguments)
{
    MSG message;
    (void)arguments;
    if (count > 1) {
        /* The first program that asks for the desktop starts it. */
        printf("%s\n", GetDesktopWindow() ? "here" : "none");
        fflush(stdout);
    }
    while (count > 1 && GetMessageA(&message, NULL, 0, 0) > 0)
        DispatchMessageA(&message);
    return !EnumWindows(print_menu, 0);
}
