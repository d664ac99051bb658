; The installer for Windows. It installs for the current user, without administrator rights.
; installer/package-windows.sh defines VERSION, STAGE (the files to install), ROOT and OUT.
;
; /S installs silently; /LOGIN also enables launch at login; /SHOP=winget says who updates it. The uninstaller has /S too;
; /SETTINGS also removes the user's settings.
Target amd64-unicode
!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh

Name "Spot Serve"
OutFile "${OUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\Spot Serve"
; In tests, speed matters more than size.
!ifdef QUICK
  SetCompress off
!else
  SetCompressor /SOLID lzma
!endif
ManifestDPIAware true
BrandingText " "
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "Spot Serve"
VIAddVersionKey FileDescription "Installs Spot Serve"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey LegalCopyright "The Spot Serve maintainers, MIT licence"

!define PROGRAM "$INSTDIR\spot-serve.exe"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\SpotServe"
!define RUN "Software\Microsoft\Windows\CurrentVersion\Run"
!define SWITCHED "Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
!define CLASSES "Software\Classes"
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation"

!define MUI_ICON "${ROOT}/icons/app.ico"
!define MUI_UNICON "${ROOT}/icons/app.ico"
!define MUI_FINISHPAGE_RUN "${PROGRAM}"
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_COMPONENTS
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE English

Var WasRunning

; Quits the program, because Windows can't delete a running program.
!macro CloseProgram
  StrCpy $WasRunning no
  ${If} ${FileExists} "${PROGRAM}"
    ClearErrors
    Delete "${PROGRAM}"
    ${If} ${Errors}
      StrCpy $WasRunning yes
      ExecWait '"${PROGRAM}" quit'
      ; The process exits shortly after `quit` returns.
      StrCpy $0 0
      ${Do}
        ClearErrors
        Delete "${PROGRAM}"
        ${IfNot} ${Errors}
          ${ExitDo}
        ${EndIf}
        Sleep 200
        IntOp $0 $0 + 1
      ${LoopUntil} $0 = 50
      ${If} ${FileExists} "${PROGRAM}"
        MessageBox MB_ICONSTOP|MB_OK "Spot Serve is still running. Quit it from its icon in the notification area, then try again." /SD IDOK
        SetErrorLevel 1
        Abort
      ${EndIf}
    ${EndIf}
  ${EndIf}
!macroend

; Adds an item to Explorer's context menu.
!macro ContextMenu CLASS WHAT
  WriteRegStr HKCU "${CLASSES}\${CLASS}\shell\SpotServe" "" "Share with Spot Serve"
  WriteRegStr HKCU "${CLASSES}\${CLASS}\shell\SpotServe" "Icon" '"${PROGRAM}",0'
  ; A double click on something that no program opens must not share it.
  WriteRegStr HKCU "${CLASSES}\${CLASS}\shell\SpotServe" "NeverDefault" ""
  WriteRegStr HKCU "${CLASSES}\${CLASS}\shell\SpotServe\command" "" '"${PROGRAM}" share --desktop "${WHAT}"'
!macroend
!macro RemoveContextMenu CLASS
  DeleteRegKey HKCU "${CLASSES}\${CLASS}\shell\SpotServe"
  ; These keys may be ours too. Delete them only if nothing else uses them.
  DeleteRegKey /ifempty HKCU "${CLASSES}\${CLASS}\shell"
  DeleteRegKey /ifempty HKCU "${CLASSES}\${CLASS}"
!macroend

Section "Spot Serve" MAIN
  SectionIn RO
  !insertmacro CloseProgram
  SetOutPath "$INSTDIR"
  ; Another version may have used another file name.
  Delete "$INSTDIR\cloudflared-*"
  File "${STAGE}/*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  ; See src/updates/installation.rs.
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/SHOP=" $1
  ${If} ${Errors}
    StrCpy $1 setup
  ${EndIf}
  FileOpen $2 "$INSTDIR\installed-as" w
  FileWrite $2 $1
  FileClose $2
  CreateShortcut "$SMPROGRAMS\Spot Serve.lnk" "${PROGRAM}"
  ; Name and icon for notifications.
  WriteRegStr HKCU "${CLASSES}\AppUserModelId\SpotServe" "DisplayName" "Spot Serve"
  WriteRegStr HKCU "${CLASSES}\AppUserModelId\SpotServe" "IconUri" "$INSTDIR\spot-serve.png"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Spot Serve"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "The Spot Serve maintainers"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" '"${PROGRAM}",0'
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $0
SectionEnd

Section "$\"Share with Spot Serve$\" on folders and files" CONTEXT
  !insertmacro ContextMenu "Directory" "%1"
  ; The dot is needed for drives: in "X:\" the backslash would escape the quote.
  !insertmacro ContextMenu "Directory\Background" "%V."
  !insertmacro ContextMenu "*" "%1"
SectionEnd

Section /o "Launch at login" LOGIN
  WriteRegStr HKCU "${RUN}" "Spot Serve" '"${PROGRAM}" --at-login'
  DeleteRegValue HKCU "${SWITCHED}" "Spot Serve"
SectionEnd

Section
  ; A silent upgrade restarts the program if it was running. Otherwise the last page offers it.
  ${If} ${Silent}
  ${AndIf} $WasRunning == yes
    Exec '"${PROGRAM}" --at-login'
  ${EndIf}
SectionEnd

!insertmacro MUI_FUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${MAIN} "The program, for the current user. No administrator rights are needed."
  !insertmacro MUI_DESCRIPTION_TEXT ${CONTEXT} "Adds an item to the context menu of folders and files."
  !insertmacro MUI_DESCRIPTION_TEXT ${LOGIN} "Starts Spot Serve when you log in. You can change this later in its menu."
!insertmacro MUI_FUNCTION_DESCRIPTION_END

Function .onInit
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/LOGIN" $1
  ${IfNot} ${Errors}
    !insertmacro SelectSection ${LOGIN}
  ${EndIf}
FunctionEnd

Section "un.Spot Serve" UN_MAIN
  SectionIn RO
  !insertmacro CloseProgram
  Delete "$INSTDIR\cloudflared-*"
  Delete "$INSTDIR\spot-serve.png"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\installed-as"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  ; If nothing else is in it.
  RMDir "$LOCALAPPDATA\Programs"
  Delete "$SMPROGRAMS\Spot Serve.lnk"
  !insertmacro RemoveContextMenu "Directory"
  !insertmacro RemoveContextMenu "Directory\Background"
  !insertmacro RemoveContextMenu "*"
  DeleteRegValue HKCU "${RUN}" "Spot Serve"
  DeleteRegValue HKCU "${SWITCHED}" "Spot Serve"
  DeleteRegKey HKCU "${CLASSES}\AppUserModelId\SpotServe"
  DeleteRegKey /ifempty HKCU "${CLASSES}\AppUserModelId"
  DeleteRegKey HKCU "${UNINSTALL}"
  ; What the program has written itself: log, recent folders, small pictures, a fetched
  ; cloudflared, the secrets of links.
  RMDir /r "$LOCALAPPDATA\spot-serve"
  ; What the person has written stays, unless they say otherwise below.
  RMDir "$APPDATA\spot-serve\config"
  RMDir "$APPDATA\spot-serve"
SectionEnd

Section /o "un.My settings (config.toml)" UN_SETTINGS
  RMDir /r "$APPDATA\spot-serve"
SectionEnd

Function un.onInit
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/SETTINGS" $1
  ${IfNot} ${Errors}
    !insertmacro SelectSection ${UN_SETTINGS}
  ${EndIf}
FunctionEnd
