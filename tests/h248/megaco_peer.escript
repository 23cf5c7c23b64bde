#!/usr/bin/env escript
%% -*- erlang -*-
%%! -kernel logger_level critical
%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Erlang/OTP's megaco as the other end of an association:
%%   megaco_peer.escript mgc|mg pretty|compact 1|2|3 udp|tcp PORT
%% As mgc it listens on PORT, as mg it registers with 127.0.0.1:PORT. Each check prints "ok <what>" or
%% "FAILED <what>". Messages are written as text here and read by megaco's own parser, so that no record of it has to
%% be known.
-module(megaco_peer).
-mode(compile).
-export([main/1]).
-export([handle_connect/2, handle_connect/3, handle_disconnect/3, handle_syntax_error/3, handle_syntax_error/4,
	 handle_message_error/3, handle_message_error/4, handle_trans_request/3, handle_trans_request/4,
	 handle_trans_long_request/3, handle_trans_reply/4, handle_trans_reply/5, handle_trans_ack/4, handle_trans_ack/5,
	 handle_unexpected_trans/3, handle_unexpected_trans/4, handle_trans_request_abort/4,
	 handle_trans_request_abort/5, handle_segment_reply/5, handle_segment_reply/6]).

main([Role, Style, Version, Transport, Port]) ->
    V = list_to_integer(Version),
    P = list_to_integer(Port),
    Codec = case Style of "pretty" -> megaco_pretty_text_encoder; _ -> megaco_compact_text_encoder end,
    persistent_term:put(v, V),
    persistent_term:put(main, self()),
    ok = application:start(megaco),
    Mid = {deviceName, "erlang/" ++ Role},
    Send = case Transport of "udp" -> megaco_udp; _ -> megaco_tcp end,
    ok = megaco:start_user(Mid, [{user_mod, ?MODULE}, {encoding_mod, Codec}, {encoding_config, []}, {send_mod, Send},
				 {protocol_version, V}, {pending_timer, 30000}, {reply_timer, 60000}]),
    RH = megaco:user_info(Mid, receive_handle),
    case Role of
	"mgc" -> mgc(RH, Send, P);
	"mg" -> mg(RH, Send, P)
    end,
    halt(0).

%% ---- controller -----------------------------------------------------------------------------------

mgc(RH, Send, P) ->
    {ok, Sup} = Send:start_transport(),
    case Send of
	megaco_udp -> {ok, _, _} = megaco_udp:open(Sup, [{port, P}, {receive_handle, RH}]);
	megaco_tcp -> ok = megaco_tcp:listen(Sup, [{port, P}, {receive_handle, RH}])
    end,
    io:format("ready~n"),
    CH = wait({registered, fun(X) -> X end}, 40000, "ServiceChange from the gateway"),
    Added = call_registered(CH, "Context=${Add=ip/core/${Media{Stream=1{LocalControl{Mode=SendReceive,ipdc/realm=\"core.ims\","
		     "gm/saf=ON},Local{\nv=0\nc=IN IP4 $\nm=message $ TCP/MSRP *\na=setup:actpass\n}}},"
		     "Events=2001{g/cause,hangterm/thb{timerx=300}}}}", "Add"),
    check("the Add is answered with a chosen termination and context",
	  seen(Added, "ip/core/7") andalso seen(Added, "context = 5") andalso seen(Added, "40002")),
    check("Modify", seen(call(CH, "Context=5{Modify=ip/core/7{Media{Stream=1{LocalControl{Mode=Inactive}}},"
				  "Signals{ipnapt/latch{napt=LATCH}}}}", "Modify"), "ip/core/7")),
    Audit = call(CH, "Context= - {AuditValue=ROOT{Audit{Packages}}}", "AuditValue of packages"),
    check("packages are listed", seen(Audit, "gm-2") andalso seen(Audit, "tman-2")),
    check("an empty audit", seen(call(CH, "Context= - {AuditValue=ROOT{Audit{}}}", "empty AuditValue"), "root")),
    check("an optional command that fails does not end the transaction",
	  seen(call(CH, "Context=5{O-Modify=ip/core/99,Modify=ip/core/7}", "O-Modify"), "430")),
    check("unknown context", seen(call(CH, "Context=99{Modify=ip/core/7}", "unknown context"), "411")),
    case persistent_term:get(v) of
	3 -> check("version 3: IEPSCall", seen(call(CH, "Context=${IEPSCall=ON,Emergency,Priority=15,Add=ip/core/${Media{"
							"Stream=1{Local{\nc=IN IP4 $\nm=audio $ RTP/AVP 0\n}}}}}", "IEPSCall"),
					       "ip/core"));
	_ -> ok
    end,
    Sub = call(CH, "Context=5{W-Subtract=*{Audit{Statistics}}}", "W-Subtract"),
    %% the gateway goes on by itself after this one
    check("Subtract brings statistics", seen(Sub, "rtp/ps")),
    check("Notify came", wait({notify, fun(X) -> X end}, 30000, "Notify") =/= timeout),
    check("Forced on all access terminations came", wait({forced, fun(X) -> X end}, 30000, "Forced") =/= timeout),
    check("the gateway left", wait({left, fun(X) -> X end}, 30000, "leave") =/= timeout).

%% ---- gateway --------------------------------------------------------------------------------------

mg(RH, Send, P) ->
    {ok, Sup} = Send:start_transport(),
    {Handle, Control} =
	case Send of
	    megaco_udp ->
		{ok, Socket, C} = megaco_udp:open(Sup, [{port, 0}, {receive_handle, RH}]),
		{megaco_udp:create_send_handle(Socket, {127,0,0,1}, P), C};
	    megaco_tcp ->
		{ok, H, C} = megaco_tcp:connect(Sup, [{host, {127,0,0,1}}, {port, P}, {receive_handle, RH}]),
		{H, C}
	end,
    {ok, CH0} = megaco:connect(RH, preliminary_mid, Handle, Control),
    V = integer_to_list(persistent_term:get(v)),
    Reg = call(CH0, "Context= - {ServiceChange=ROOT{Services{Method=Restart,Reason=\"901 Cold Boot\",Version=" ++ V ++
		   ",Profile=threegpp_iq/1,20261121T13300000}}}", "registration"),
    check("the registration is accepted with our version", seen(Reg, "version = " ++ V)),
    check("the reply has a time stamp and the profile", seen(Reg, "threegpp_iq/1")),
    [CH | _] = megaco:system_info(connections),
    check("Notify is answered", seen(call(CH, "Context=1{Notify=ip/core/7{ObservedEvents=2001{20261121T12003000:"
					      "hangterm/thb}}}", "Notify"), "ip/core/7")),
    check("all requests of the controller came", wait({finished, fun(X) -> X end}, 40000, "requests") =/= timeout),
    Left = call(CH, "Context= - {ServiceChange=ROOT{Services{Method=Forced,Reason=\"908 MG Impending Failure\"}}}",
		"leaving"),
    check("leaving is answered", seen(Left, "root")).

%% What the controller under test may ask of this gateway: the answer is looked up by what is in the request.
answer(Text) ->
    case [A || {Needle, A} <- answers(), seen_text(Text, Needle)] of
	[A | _] -> A;
	[] -> error
    end.

answers() ->
    [{"auditvalue = root", "Context= - {AuditValue=ROOT}"},
     {"add = ip/access/$", "Context=9{Add=ip/access/3{Media{Stream=1{Local{\nv=0\nc=IN IP4 10.0.0.254\n"
			   "m=message 30001 TCP/TLS/MSRP *\n}}}}}"},
     {"modify = ip/access/3", "Context=9{Modify=ip/access/3}"},
     {"subtract", "Context=9{Subtract=ip/access/3{Statistics{rtp/ps=1,nt/dur=2}}}"}].

%% ---- both -----------------------------------------------------------------------------------------

text_to_message(Body) ->
    Text = "MEGACO/" ++ integer_to_list(persistent_term:get(v)) ++ " [127.0.0.1] " ++ Body,
    {ok, {_, _, {_, _, _, {transactions, [{_, T}]}}}} =
	megaco_pretty_text_encoder:decode_message([], list_to_binary(Text)),
    T.

request(Actions) -> element(3, text_to_message("Transaction=1{" ++ Actions ++ "}")).

reply(Actions) ->
    {_, Replies} = lists:keyfind(actionReplies, 1, tuple_to_list(text_to_message("Reply=1{" ++ Actions ++ "}"))),
    Replies.

%% megaco's request may overtake its own reply to the registration: until that has come we answer 505.
call_registered(CH, Actions, What) ->
    case send(CH, "Context= - {AuditValue=ROOT{Audit{}}}") of
	{_, {error, {_, 505, _}}} -> timer:sleep(20), call_registered(CH, Actions, What);
	_ -> call(CH, Actions, What)
    end.

send(CH, Actions) ->
    megaco:call(CH, request(Actions), [{request_timer, 30000}, {long_request_timer, 30000}]).

call(CH, Actions, What) ->
    case send(CH, Actions) of
	{_, {ok, Replies}} -> io:format("ok ~s~n", [What]), Replies;
	{_, {ok, Replies, _}} -> io:format("ok ~s~n", [What]), Replies;
	Other -> io:format("FAILED ~s: ~P~n", [What, Other, 40]), []
    end.

%% As the pretty encoder writes it, in lower case and with single blanks.
pretty(Kind, Content) ->
    V = persistent_term:get(v),
    M = {'MegacoMessage', asn1_NOVALUE, {'Message', V, {deviceName, "x"}, {transactions, [transaction(Kind, V, Content)]}}},
    {ok, Bin} = megaco_pretty_text_encoder:encode_message([], V, M),
    string:lowercase(re:replace(binary_to_list(Bin), "\\s+", " ", [global, {return, list}])).

transaction(request, _, Actions) -> {transactionRequest, {'TransactionRequest', 1, Actions}};
transaction(reply, 3, Replies) ->
    {transactionReply, {'TransactionReply', 1, asn1_NOVALUE, {actionReplies, Replies}, asn1_NOVALUE, asn1_NOVALUE}};
transaction(reply, _, Replies) -> {transactionReply, {'TransactionReply', 1, asn1_NOVALUE, {actionReplies, Replies}}}.

seen([], _) -> false;
seen(Replies, Needle) -> seen_text(pretty(reply, Replies), Needle).

seen_text(Text, Needle) -> string:find(Text, Needle) =/= nomatch.

check(What, true) -> io:format("ok ~s~n", [What]);
check(What, _) -> io:format("FAILED ~s~n", [What]).

wait({Tag, F}, Ms, What) ->
    receive {Tag, X} -> F(X)
    after Ms -> io:format("FAILED ~s: nothing came~n", [What]), timeout
    end.

tell(Tag, X) -> persistent_term:get(main) ! {Tag, X}.

%% ---- megaco_user ----------------------------------------------------------------------------------

handle_connect(_, _) -> ok.
handle_connect(_, _, _) -> ok.
handle_disconnect(_, _, _) -> ok.
handle_syntax_error(_, _, E) -> io:format("FAILED syntax of what was received: ~P~n", [E, 40]), reply.
handle_syntax_error(A, B, C, _) -> handle_syntax_error(A, B, C).
handle_message_error(_, _, E) -> io:format("FAILED error message: ~P~n", [E, 40]), no_reply.
handle_message_error(A, B, C, _) -> handle_message_error(A, B, C).

handle_trans_request(CH, _, Actions) when is_list(Actions) ->
    Text = pretty(request, Actions),
    {discard_ack, reply(respond(CH, Text))};
handle_trans_request(_, _, E) -> io:format("FAILED request: ~P~n", [E, 40]), {discard_ack, E}.
handle_trans_request(A, B, C, _) -> handle_trans_request(A, B, C).

respond(CH, Text) ->
    Is = fun(N) -> seen_text(Text, N) end,
    V = integer_to_list(persistent_term:get(v)),
    case {Is("servicechange = root"), Is("method = restart"), Is("method = forced"), Is("notify = ")} of
	{true, true, _, _} ->
	    tell(registered, CH),
	    "Context= - {ServiceChange=ROOT{Services{Version=" ++ V ++ ",Profile=threegpp_iq/1,20261121T13300005}}}";
	{true, _, true, _} -> tell(left, CH), "Context= - {ServiceChange=ROOT}";
	{_, _, true, _} -> tell(forced, CH), "Context= * {ServiceChange=ip/access/*}";
	{_, _, _, true} -> tell(notify, CH), "Context=5{Notify=ip/core/7}";
	_ ->
	    case answer(Text) of
		error -> io:format("FAILED unexpected request ~s~n", [Text]), "Context=1{Error=500{}}";
		A ->
		    Is("subtract") andalso tell(finished, CH),
		    A
	    end
    end.

handle_trans_long_request(_, _, _) -> ignore.
handle_trans_reply(_, _, _, _) -> ok.
handle_trans_reply(_, _, _, _, _) -> ok.
handle_trans_ack(_, _, _, _) -> ok.
handle_trans_ack(_, _, _, _, _) -> ok.
handle_unexpected_trans(_, _, T) -> io:format("FAILED unexpected ~P~n", [T, 20]), ok.
handle_unexpected_trans(A, B, C, _) -> handle_unexpected_trans(A, B, C).
handle_trans_request_abort(_, _, _, _) -> ok.
handle_trans_request_abort(_, _, _, _, _) -> ok.
handle_segment_reply(_, _, _, _, _) -> ok.
handle_segment_reply(_, _, _, _, _, _) -> ok.
