/* shellwt.dll stands between the program and Wine's shell32.dll, for one function that Wine 8
 * does not carry out: where the icon is. Without an answer the tray library drops every click.
 * All else is passed on, see tray_place.def. For tests only. */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

/* As shellapi.h has it, which would import it from shell32. */
__declspec(dllexport) HRESULT WINAPI Shell_NotifyIconGetRect(const void *icon, RECT *place)
{
    POINT mouse;
    (void)icon;
    /* A click on the icon is where the icon is. */
    if (!GetCursorPos(&mouse))
        return E_FAIL;
    SetRect(place, mouse.x - 8, mouse.y - 8, mouse.x + 8, mouse.y + 8);
    return S_OK;
}
