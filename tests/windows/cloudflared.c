/* A stub of cloudflared for Windows. The real one is a Go program that is not built here, and
 * there is no edge for it under Wine. This one requests its tunnel from the program's proxy, prints
 * the lines that the real one prints, and responds like its metrics server. It carries no visitors'
 * requests: it only tests how the program starts it, reads its output, and ends it. */
#define WIN32_LEAN_AND_MEAN
#include <winsock2.h>
#include <windows.h>
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void say(const char *level, const char *text)
{
    SYSTEMTIME now;
    GetSystemTime(&now);
    fprintf(stderr, "%04d-%02d-%02dT%02d:%02d:%02dZ %s %s\n", now.wYear, now.wMonth, now.wDay,
            now.wHour, now.wMinute, now.wSecond, level, text);
    fflush(stderr);
}

static const char *argument(int count, char **arguments, const char *name)
{
    for (int i = 1; i + 1 < count; i++)
        if (strcmp(arguments[i], name) == 0)
            return arguments[i + 1];
    return "";
}

static struct sockaddr_in loopback(unsigned short port)
{
    struct sockaddr_in address = {0};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* Asks http://127.0.0.1:PORT/PATH for a tunnel; its answer is in text. */
static int ask(const char *service, char *text, int room)
{
    unsigned short port = 0;
    char path[256] = "", request[600];
    int used = 0, got;
    if (sscanf(service, "http://127.0.0.1:%hu%250s", &port, path) < 1)
        return 0;
    SOCKET keeper = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = loopback(port);
    if (connect(keeper, (struct sockaddr *)&address, sizeof address) != 0)
        return 0;
    snprintf(request, sizeof request,
             "POST %s/tunnel HTTP/1.1\r\nHost: 127.0.0.1:%hu\r\nContent-Type: application/json\r\n"
             "User-Agent: cloudflared/stub\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
             path, port);
    send(keeper, request, (int)strlen(request), 0);
    while (used < room - 1 && (got = recv(keeper, text + used, room - 1 - used, 0)) > 0)
        used += got;
    text[used] = 0;
    closesocket(keeper);
    return strstr(text, " 200 ") != NULL;
}

static void answer(SOCKET visitor)
{
    char request[2048] = "", reply[400];
    const char *body = "{\"status\":200,\"readyConnections\":1,\"connectorId\":\"stub\"}\n";
    int got = recv(visitor, request, sizeof request - 1, 0);
    if (got > 0 && strncmp(request, "GET /metrics ", 13) == 0)
        body = "cloudflared_tunnel_total_requests 0\n";
    snprintf(reply, sizeof reply,
             "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
             (int)strlen(body), body);
    send(visitor, reply, (int)strlen(reply), 0);
    closesocket(visitor);
}

int main(int count, char **arguments)
{
    static char text[8192], line[1024];
    WSADATA data;
    WSAStartup(MAKEWORD(2, 2), &data);
    /* Lines end as Go ends them. */
    _setmode(_fileno(stderr), _O_BINARY);
    say("INF", "This is a stub of cloudflared, for tests: nothing goes through it");
    const char *path = getenv("PATH");
    snprintf(line, sizeof line, "stub: PATH %s, SystemRoot %s, TUNNEL_EDGE %s",
             path && *path ? "is there" : "is missing",
             getenv("SystemRoot") ? "is there" : "is missing",
             getenv("TUNNEL_EDGE") ? "is there" : "is missing");
    say("INF", line);
    say("INF", "Requesting new quick Tunnel on trycloudflare.com...");
    if (!ask(argument(count, arguments, "--quick-service"), text, sizeof text)) {
        fputs("failed to request quick Tunnel: the keeper does not answer\n", stderr);
        return 1;
    }
    char *name = strstr(text, "\"hostname\":\"");
    if (!name) {
        fputs("failed to parse quick Tunnel ID: invalid UUID length: 0\n", stderr);
        return 1;
    }
    name += strlen("\"hostname\":\"");
    *strchr(name, '"') = 0;
    snprintf(line, sizeof line, "|  https://%s  |", name);
    say("INF", line);
    snprintf(line, sizeof line, "Initial protocol %s", argument(count, arguments, "--protocol"));
    say("INF", line);

    SOCKET metrics = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = loopback(0);
    int size = sizeof address;
    if (bind(metrics, (struct sockaddr *)&address, size) != 0 || listen(metrics, 16) != 0)
        return 1;
    getsockname(metrics, (struct sockaddr *)&address, &size);
    snprintf(line, sizeof line, "Starting metrics server on 127.0.0.1:%d/metrics",
             ntohs(address.sin_port));
    say("INF", line);
    say("INF", "Tunnel connection curve preferences: [X25519MLKEM768 CurveP256] connIndex=0 event=0 ip=127.0.0.1");
    snprintf(line, sizeof line,
             "Registered tunnel connection connIndex=0 connection=00000000-0000-4000-8000-000000000000"
             " event=0 ip=127.0.0.1 location=stub protocol=%s",
             argument(count, arguments, "--protocol"));
    say("INF", line);
    for (;;) {
        SOCKET visitor = accept(metrics, NULL, NULL);
        if (visitor != INVALID_SOCKET)
            answer(visitor);
    }
}
