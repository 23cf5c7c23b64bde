#!/usr/bin/env escript
%% SPDX-License-Identifier: GPL-2.0-or-later
%% bench.escript FILE ROUNDS   The same as h248-bench, by Erlang/OTP's megaco with its flex scanner. It parses the
%% session descriptions into property groups while it decodes.
-module(bench).
-mode(compile).
-export([main/1]).

main([File, Rounds]) ->
    N = list_to_integer(Rounds),
    {ok, Text} = file:read_file(File),
    {ok, Flex} = megaco_flex_scanner:start(),
    Config = [{flex, Flex}],
    {ok, M} = megaco_pretty_text_encoder:decode_message(Config, Text),
    {ok, Compact} = megaco_compact_text_encoder:encode_message([], 3, M),
    run("pretty", megaco_pretty_text_encoder, Config, Text, M, N),
    run("compact", megaco_compact_text_encoder, Config, Compact, M, N).

run(Name, Codec, Config, Text, M, N) ->
    decode(Codec, Config, Text, N div 10),
    encode(Codec, M, N div 10),
    D = cpu(fun() -> decode(Codec, Config, Text, N) end),
    E = cpu(fun() -> encode(Codec, M, N) end),
    io:format("~s decode ~p~n~s encode ~p~n", [Name, round(D * 1.0e6 / N), Name, round(E * 1.0e6 / N)]).

%% Milliseconds of CPU, as the other side counts.
cpu(F) ->
    statistics(runtime),
    F(),
    {_, Ms} = statistics(runtime),
    Ms.

decode(_, _, _, 0) -> ok;
decode(Codec, Config, Text, N) ->
    {ok, _} = Codec:decode_message(Config, Text),
    decode(Codec, Config, Text, N - 1).

encode(_, _, 0) -> ok;
encode(Codec, M, N) ->
    {ok, _} = Codec:encode_message([], 3, M),
    encode(Codec, M, N - 1).
