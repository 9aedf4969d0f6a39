<?php
// A synchronous page with an asynchronous hook. Try it with: php -S 127.0.0.1:8000 shop.php
//
//   POST /ID  item=tea&count=2           answers when the order is committed; the invoice comes later
//   POST /ID  item=tea&count=2&wait=30s  answers when the invoice is made, or after 30 seconds
//   GET  /EVENT                          what has become of an order

$hub = getenv('VIGIE_HTTP') ?: 'http://127.0.0.1:7883';
$id = rawurlencode(basename($_SERVER['REQUEST_URI']));

function ask(string $method, string $url, ?string $body = null): array
{
    $context = stream_context_create(['http' => [
        'method' => $method,
        'header' => 'Content-Type: application/json',
        'content' => $body ?? '',
        'ignore_errors' => true,
        'timeout' => 60,
    ]]);
    $answer = @file_get_contents($url, false, $context);
    if ($answer === false) return [503, ['error' => 'The hub does not answer: nothing was ordered.']];
    return [(int) explode(' ', $http_response_header[0])[1], json_decode($answer, true)];
}

if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    $order = json_encode(['item' => $_POST['item'] ?? '', 'count' => (int) ($_POST['count'] ?? 0)]);
    $wait = isset($_POST['wait']) ? '?wait=' . rawurlencode($_POST['wait']) : '';
    [$status, $answer] = ask('POST', "$hub/publish/orders/$id$wait", $order);
} else {
    [$status, $answer] = ask('GET', "$hub/api/events/$id");
}

// 200: done. 202: taken, and the invoice will come. 504: taken, and not done yet. 503: the hub was not there.
http_response_code($status);
header('Content-Type: application/json');
echo json_encode([
    'event' => $answer['event'] ?? $answer['id'] ?? null,
    'states' => array_column($answer['runs'] ?? [], 'state'),
    'error' => $answer['error'] ?? null,
]);
